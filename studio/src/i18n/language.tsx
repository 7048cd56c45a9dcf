/** The interface in English or Chinese. Models' texts, names of commands and figures stay as they are. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { en, type TextKey } from "./en.ts";

export type Language = "en" | "zh";
/** `text("runs.count", { count: 3 })`: words in braces are put in. */
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

interface LanguageState {
  language: Language;
  setLanguage(language: Language): void;
  text: Translate;
}

const LanguageContext = createContext<LanguageState | undefined>(undefined);
const storageKey = "polymath-language";

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguageState] = useState<Language>(preferred);
  const [words, setWords] = useState<Record<TextKey, string>>(en);

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    if (language === "en") return setWords(en);
    let isCurrent = true;
    void import("./zh.ts").then(({ zh }) => isCurrent && setWords(zh));
    return () => {
      isCurrent = false;
    };
  }, [language]);

  const setLanguage = useCallback((chosen: Language) => {
    localStorage.setItem(storageKey, chosen);
    setLanguageState(chosen);
  }, []);
  const state = useMemo<LanguageState>(() => {
    const text: Translate = (key, values = {}) =>
      words[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
    return { language, setLanguage, text };
  }, [language, words, setLanguage]);
  return <LanguageContext value={state}>{children}</LanguageContext>;
}

export function useLanguage(): LanguageState {
  const state = useContext(LanguageContext);
  if (!state) throw new Error("useLanguage outside of LanguageProvider");
  return state;
}

export const useText = (): Translate => useLanguage().text;

function preferred(): Language {
  const stored = localStorage.getItem(storageKey);
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}
