import type { ModelRun, TagRow } from "../../../../src/server/studio/codeelo/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { Empty } from "../../ui/empty.tsx";

/** Which kinds of problems which model solves: a table whose cells are shaded by the share solved at the first try. */
export function TagMap({ runs, tags }: { runs: readonly ModelRun[]; tags: readonly TagRow[] }) {
  const text = useText();
  if (tags.length === 0) return <Empty title={text("codeelo.noTags")} />;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard */}
      <div className="table" tabIndex={0}>
        <table className="tag-map">
          <thead>
            <tr>
              <th scope="col">{text("codeelo.tag")}</th>
              <th scope="col" className="number">
                {text("codeelo.problems")}
              </th>
              {runs.map(({ run, model }) => (
                <th scope="col" key={run} title={run}>
                  {model}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tags.map(({ tag, problemCount, shares }) => (
              <tr key={tag}>
                <th scope="row">{tag}</th>
                <td className="number">{problemCount}</td>
                {runs.map(({ run }) => (
                  <Cell key={run} share={shares[run] ?? null} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="section-note">{text("codeelo.tagNote")}</p>
    </>
  );
}

function Cell({ share }: { share: number | null }) {
  if (share === null) return <td className="soft">–</td>;
  return (
    <td className="heat" style={{ "--share": share } as React.CSSProperties}>
      {Math.round(100 * share)} %
    </td>
  );
}
