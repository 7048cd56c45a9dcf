/** Programs that think until their answer has settled: one by one, under load, and under any policy. */
import { useState } from "react";
import type { TracedRun } from "../../../../src/server/studio/certaindex/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { LoadTimeline } from "./load-timeline.tsx";
import { PolicyExplorer } from "./policy-explorer.tsx";
import { Programs } from "./programs.tsx";
import "./certaindex.css";

const tabs = ["programs", "load", "policy"] as const;
type Tab = (typeof tabs)[number];

/** What each view needs, and the command that makes it. */
const commands: Record<Tab, string> = {
  programs: "polymath certaindex solve --count 50 --shadow 1",
  load: "polymath certaindex bench",
  policy: "polymath certaindex solve --count 400 --policy none --record",
};

export default function CertaindexPage() {
  const text = useText();
  const [tab, setTab] = useState<Tab>("programs");
  const [chosen, setChosen] = useState("");
  const state = useCall("certaindex.runs", {}, { everyMs: 5000 });
  return (
    <Page title="Certaindex" lead={text("certaindex.lead")}>
      <Tabs<Tab>
        label="Certaindex"
        tabs={tabs.map((name) => ({ name, label: text(`certaindex.tab.${name}`) }))}
        chosen={tab}
        onChoose={setTab}
      >
        <Answer state={state}>
          {(runs) => {
            const sources = sourcesOf(runs, tab);
            const source = sources.find(({ key }) => key === chosen) ?? sources[0];
            if (!source) {
              return (
                <Empty title={text("certaindex.none")}>
                  <p>{text("certaindex.noneBody")}</p>
                  <CommandLine>{commands[tab]}</CommandLine>
                </Empty>
              );
            }
            const { key, run, file } = source;
            return (
              <>
                <label className="field">
                  <span>{text("certaindex.source")}</span>
                  <select className="select" value={key} onChange={({ target }) => setChosen(target.value)}>
                    {sources.map((one) => (
                      <option key={one.key} value={one.key}>
                        {one.label}
                      </option>
                    ))}
                  </select>
                </label>
                {tab === "programs" && (
                  <Programs key={key} run={run.run} file={file} isRunning={run.status === "running"} />
                )}
                {tab === "load" && <LoadTimeline key={key} run={run.run} file={file} />}
                {tab === "policy" && <PolicyExplorer key={key} run={run.run} file={file} />}
              </>
            );
          }}
        </Answer>
      </Tabs>
    </Page>
  );
}

function sourcesOf(runs: readonly TracedRun[], tab: Tab) {
  return runs.flatMap((run) =>
    (tab === "policy" ? run.recordings : run.traces).map((file) => ({
      key: `${run.run}/${file}`,
      label: `${run.words.split(" ").slice(0, 2).join(" ")} · ${run.run} · ${file}`,
      run,
      file,
    })),
  );
}
