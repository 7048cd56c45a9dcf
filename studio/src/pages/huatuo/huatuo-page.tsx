/** The data engine of HuatuoGPT-o1 looked into: whole searches, verdicts to overturn, and rows that were left out. */
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Rejects } from "./rejects.tsx";
import { Searches } from "./searches.tsx";
import "./huatuo.css";

const tabs = ["searches", "rejects"] as const;
type Tab = (typeof tabs)[number];

export default function HuatuoPage() {
  const text = useText();
  const [tab, setTab] = useState<Tab>("searches");
  const [run, setRun] = useState<string>();
  const state = useCall("huatuo.runs", {}, { everyMs: 6000 });
  return (
    <Page title="HuatuoGPT-o1" lead={text("huatuo.lead")}>
      <Tabs<Tab>
        label="HuatuoGPT-o1"
        tabs={tabs.map((name) => ({ name, label: text(`huatuo.tab.${name}`) }))}
        chosen={tab}
        onChoose={(name) => {
          setTab(name);
          setRun(undefined);
        }}
      >
        <Answer state={state}>
          {({ searches, rejecting }) => {
            const runs = tab === "searches" ? searches : rejecting;
            const chosen = runs.find((one) => one.run === run) ?? runs[0];
            if (!chosen) {
              return (
                <Empty title={text("huatuo.none")}>
                  <p>{text("huatuo.noneBody")}</p>
                  <CommandLine>polymath huatuo search problems.json --endpoint http://127.0.0.1:8000/v1</CommandLine>
                </Empty>
              );
            }
            return (
              <>
                <label className="field">
                  <span>{text("huatuo.run")}</span>
                  <select className="select" value={chosen.run} onChange={({ target }) => setRun(target.value)}>
                    {runs.map((one) => (
                      <option key={one.run} value={one.run}>
                        {one.run} · {shorten(one.words)}
                      </option>
                    ))}
                  </select>
                </label>
                {tab === "searches" ? (
                  <Searches key={chosen.run} run={chosen.run} />
                ) : (
                  <Rejects key={chosen.run} run={chosen.run} />
                )}
              </>
            );
          }}
        </Answer>
      </Tabs>
    </Page>
  );
}

/** Where the words go on with how the model was called, an ellipsis. */
const shorten = (words: string) => (words.length > 70 ? `${words.slice(0, 67)}…` : words);
