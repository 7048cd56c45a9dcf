/** The pages by address. Each is loaded when it is first opened. */
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { LanguageProvider, useText } from "./i18n/language.tsx";
import { Shell } from "./shell/shell.tsx";
import { Empty } from "./ui/empty.tsx";
import { Loading } from "./ui/loading.tsx";

const RunsPage = lazy(() => import("./pages/runs/runs-page.tsx"));
const RunPage = lazy(() => import("./pages/runs/run-page.tsx"));
const ComparePage = lazy(() => import("./pages/runs/compare-page.tsx"));
const OverthinkingPage = lazy(() => import("./pages/overthinking/overthinking-page.tsx"));
const CodeEloPage = lazy(() => import("./pages/codeelo/codeelo-page.tsx"));
const HuatuoPage = lazy(() => import("./pages/huatuo/huatuo-page.tsx"));
const CertaindexPage = lazy(() => import("./pages/certaindex/certaindex-page.tsx"));
const LightningDitPage = lazy(() => import("./pages/lightningdit/lightningdit-page.tsx"));
const AskPage = lazy(() => import("./pages/ask/ask-page.tsx"));
const ClaimsPage = lazy(() => import("./pages/claims/claims-page.tsx"));

export function App() {
  return (
    <LanguageProvider>
      <Shell>
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/">
              <Redirect to="/runs" replace />
            </Route>
            <Route path="/runs" component={RunsPage} />
            <Route path="/runs/compare" component={ComparePage} />
            <Route path="/runs/:run">{({ run }) => <RunPage key={run} run={run} />}</Route>
            <Route path="/claims" component={ClaimsPage} />
            <Route path="/ask" component={AskPage} />
            <Route path="/certaindex" component={CertaindexPage} />
            <Route path="/overthinking" component={OverthinkingPage} />
            <Route path="/codeelo" component={CodeEloPage} />
            <Route path="/huatuogpt-o1" component={HuatuoPage} />
            <Route path="/lightningdit" component={LightningDitPage} />
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </LanguageProvider>
  );
}

function NotFound() {
  const text = useText();
  return <Empty title={text("notFound.title")}>{text("notFound.body")}</Empty>;
}
