/** Takes a file: dropped anywhere on the page, or chosen. It is read here and goes to the studio on this machine only. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useText } from "../i18n/language.tsx";
import "./drop-zone.css";

interface DropZoneProps {
  title: string;
  accept: string;
  isBusy?: boolean;
  onFile(file: File): void;
  children?: ReactNode;
}

export function DropZone({ title, accept, isBusy = false, onFile, children }: DropZoneProps) {
  const text = useText();
  const id = useId();
  const [isOver, setOver] = useState(false);
  const take = useRef(onFile);
  take.current = onFile;

  useEffect(() => {
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      setOver(false);
      take.current(file);
    };
    document.addEventListener("dragover", onOver);
    document.addEventListener("dragleave", onLeave);
    document.addEventListener("drop", onDrop);
    return () => {
      document.removeEventListener("dragover", onOver);
      document.removeEventListener("dragleave", onLeave);
      document.removeEventListener("drop", onDrop);
    };
  }, []);

  return (
    <div className="drop-zone" data-over={isOver} aria-busy={isBusy}>
      <label htmlFor={id} className="drop-zone-title">
        {isBusy ? text("loading") : title}
      </label>
      <input
        id={id}
        type="file"
        accept={accept}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          event.target.value = "";
        }}
      />
      {children && <div className="drop-zone-more">{children}</div>}
    </div>
  );
}
