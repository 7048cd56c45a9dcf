/** Light, dark, or as the system has it. */
import { useCallback, useEffect, useState } from "react";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const storageKey = "polymath-theme";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = localStorage.getItem(storageKey) as Theme | null;
    return stored && themes.includes(stored) ? stored : "system";
  });
  useEffect(() => {
    if (theme === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = theme;
    window.dispatchEvent(new Event("themechange")); // charts on a canvas read their colours anew
  }, [theme]);
  const choose = useCallback((chosen: Theme) => {
    localStorage.setItem(storageKey, chosen);
    setTheme(chosen);
  }, []);
  return [theme, choose];
}
