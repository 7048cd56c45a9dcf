/** Times and durations as people say them. */
import { type Translate, useText } from "../i18n/language.tsx";

/** `5 min ago`; the exact time stands behind it. */
export function Ago({ time }: { time: string }) {
  const text = useText();
  return (
    <time dateTime={time} title={new Date(time).toLocaleString()}>
      {describeAgo(Date.now() - Date.parse(time), text)}
    </time>
  );
}

export function describeAgo(ms: number, text: Translate): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return text("time.now");
  if (minutes < 60) return text("time.minutes", { count: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? text("time.hours", { count: hours }) : text("time.days", { count: Math.floor(hours / 24) });
}

/** Milliseconds as `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function describeDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function describeBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}
