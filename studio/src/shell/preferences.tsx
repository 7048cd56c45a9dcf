/** Language and colours, kept in this browser. */
import { useLanguage } from "../i18n/language.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { type Theme, themes, useTheme } from "./theme.ts";

export function Preferences() {
  const { language, setLanguage, text } = useLanguage();
  const [theme, setTheme] = useTheme();
  return (
    <div className="preferences">
      <Segmented<Theme>
        label={text("preferences.theme")}
        value={theme}
        onChange={setTheme}
        options={themes.map((value) => ({ value, label: text(`preferences.theme.${value}`) }))}
      />
      <Segmented
        label={text("preferences.language")}
        value={language}
        onChange={setLanguage}
        options={[
          { value: "en", label: "English" },
          { value: "zh", label: "中文" },
        ]}
      />
    </div>
  );
}
