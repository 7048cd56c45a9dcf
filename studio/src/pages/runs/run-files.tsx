import type { RunDetail } from "../../../../src/server/studio/runs/contract.ts";
import { fileUrl } from "../../api/client.ts";
import { useText } from "../../i18n/language.tsx";
import { describeBytes } from "../../ui/time.tsx";

/** What the run wrote: pictures as pictures, the rest as a list. */
export function RunFiles({ detail: { key, artifacts, artifactsCut } }: { detail: RunDetail }) {
  const text = useText();
  if (artifacts.length === 0) return <p className="soft">{text("run.noFiles")}</p>;
  const images = artifacts.filter(({ kind }) => kind === "image");
  return (
    <div className="files">
      {images.length > 0 && (
        <ul className="files-images">
          {images.map(({ path }) => (
            <li key={path}>
              <a href={fileUrl(key, path)} target="_blank" rel="noreferrer">
                <img src={fileUrl(key, path)} alt={path} loading="lazy" />
              </a>
            </li>
          ))}
        </ul>
      )}
      <div className="table">
        <table>
          <tbody>
            {artifacts.map(({ path, bytes, kind }) => (
              <tr key={path}>
                <td className="mono">
                  <a
                    href={fileUrl(key, path)}
                    {...(kind === "data" ? { download: true } : { target: "_blank", rel: "noreferrer" })}
                  >
                    {path}
                  </a>
                </td>
                <td className="number soft">{describeBytes(bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {artifactsCut && <p className="section-note">{text("run.cut", { count: artifacts.length })}</p>}
    </div>
  );
}
