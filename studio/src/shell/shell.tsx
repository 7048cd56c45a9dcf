/** The frame around every page: navigation beside it on a wide screen, behind a button on a narrow one. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useText } from "../i18n/language.tsx";
import { Navigation } from "./navigation.tsx";
import { Preferences } from "./preferences.tsx";
import "./shell.css";

export function Shell({ children }: { children: ReactNode }) {
  const text = useText();
  const [location] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const before = useRef(location);

  // A new place closes the menu and begins at the top.
  useEffect(() => {
    setOpen(false);
    const isMove = before.current !== location && before.current !== "/"; // "/" only leads on
    before.current = location;
    if (!isMove) return;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location]);

  useEffect(() => {
    if (!isOpen) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [isOpen]);

  return (
    <div className="shell">
      <a className="skip" href="#content">
        {text("nav.skip")}
      </a>
      <header className="shell-bar">
        <span className="shell-name">
          <img src="/icon.svg" alt="" width="26" height="26" />
          Polymath
        </span>
        <button
          type="button"
          className="shell-menu"
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setOpen(!isOpen)}
        >
          {text(isOpen ? "nav.close" : "nav.open")}
        </button>
        <div id="navigation" className="shell-side" data-open={isOpen}>
          <Navigation />
          <Preferences />
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
