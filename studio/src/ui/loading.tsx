import { useText } from "../i18n/language.tsx";

/** Shown only after a moment, so that quick answers do not flicker. */
export function Loading() {
  const text = useText();
  return (
    <p className="loading" role="status">
      {text("loading")}
    </p>
  );
}
