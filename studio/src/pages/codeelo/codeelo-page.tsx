/** Models that write programs, beside people: the board, contest by contest, what failed, and a judge to try. */
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Contests } from "./contests.tsx";
import { Failures } from "./failures.tsx";
import { JudgeBench } from "./judge-bench.tsx";
import { Leaderboard } from "./leaderboard.tsx";
import { TagMap } from "./tag-map.tsx";
import "./codeelo.css";

const tabs = ["board", "contests", "tags", "failures", "judge"] as const;
type Tab = (typeof tabs)[number];

export default function CodeEloPage() {
  const text = useText();
  const [tab, setTab] = useState<Tab>("board");
  const [run, setRun] = useState<string>();
  const state = useCall("codeelo.board", {}, { everyMs: 5000 });
  return (
    <Page title="CodeElo" lead={text("codeelo.lead")}>
      <Tabs<Tab>
        label="CodeElo"
        tabs={tabs.map((name) => ({ name, label: text(`codeelo.tab.${name}`) }))}
        chosen={tab}
        onChoose={setTab}
      >
        {tab === "judge" ? (
          <JudgeBench />
        ) : (
          <Answer state={state}>
            {({ runs, tags }) => {
              const chosen = runs.find((one) => one.run === run) ?? runs[0];
              if (!chosen) {
                return (
                  <Empty title={text("codeelo.none")}>
                    <p>{text("codeelo.noneBody")}</p>
                    <CommandLine>polymath codeelo run problems.jsonl --contests standings/</CommandLine>
                  </Empty>
                );
              }
              return (
                <>
                  {tab === "board" && <Leaderboard runs={runs} />}
                  {tab === "tags" && <TagMap runs={runs} tags={tags} />}
                  {(tab === "contests" || tab === "failures") && (
                    <label className="field">
                      <span>{text("codeelo.model")}</span>
                      <select className="select" value={chosen.run} onChange={({ target }) => setRun(target.value)}>
                        {runs.map((one) => (
                          <option key={one.run} value={one.run}>
                            {one.model} · {one.run}
                          </option>
                        ))}
                      </select>
                    </label>
                  )}
                  {tab === "contests" && <Contests run={chosen.run} />}
                  {tab === "failures" && <Failures key={chosen.run} run={chosen.run} />}
                </>
              );
            }}
          </Answer>
        )}
      </Tabs>
    </Page>
  );
}
