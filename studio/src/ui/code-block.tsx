import "./code-block.css";

/** A program or a test's text, scrolled within itself. */
export function CodeBlock({ title, children }: { title: string; children: string }) {
  return (
    <figure className="code-block">
      {title && <figcaption>{title}</figcaption>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard */}
      <pre tabIndex={0}>{children}</pre>
    </figure>
  );
}
