import { Link, useLocation } from "wouter";
import { useText } from "../i18n/language.tsx";
import { places } from "./places.ts";

export function Navigation() {
  const text = useText();
  const [location] = useLocation();
  return (
    <nav className="navigation" aria-label={text("nav.label")}>
      {places.map(({ heading, places: group }) => (
        <div key={heading ?? "first"}>
          {heading && <h2>{text(heading)}</h2>}
          <ul>
            {group.map(({ path, label }) => (
              <li key={path}>
                <Link href={path} aria-current={location.startsWith(path) ? "page" : undefined}>
                  {text(label)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
