/** Pictures out of noise, and what each tokenizer gives for them. */
import { useState } from "react";
import { useText } from "../../i18n/language.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Draw } from "./draw.tsx";
import { Frontier } from "./frontier.tsx";
import { FrontierRuns } from "./frontier-runs.tsx";
import { Health } from "./health.tsx";
import "./lightningdit.css";

const tabs = ["draw", "frontier", "health"] as const;
type Tab = (typeof tabs)[number];

export default function LightningDitPage() {
  const text = useText();
  const [tab, setTab] = useState<Tab>("draw");
  return (
    <Page title="LightningDiT" lead={text("lightningdit.lead")}>
      <Tabs<Tab>
        label="LightningDiT"
        tabs={tabs.map((name) => ({ name, label: text(`lightningdit.tab.${name}`) }))}
        chosen={tab}
        onChoose={setTab}
      >
        {tab === "draw" ? (
          <Draw />
        ) : (
          <FrontierRuns>
            {(view) => (tab === "frontier" ? <Frontier view={view} /> : <Health points={view.points} />)}
          </FrontierRuns>
        )}
      </Tabs>
    </Page>
  );
}
