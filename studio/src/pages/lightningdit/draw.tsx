/** Draws with a generator, and shows how the pictures come out of the noise. */
import type { GeneratorList } from "../../../../src/server/studio/lightningdit/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Empty } from "../../ui/empty.tsx";
import { DrawForm } from "./draw-form.tsx";
import { DrawingView } from "./drawing-view.tsx";
import { useDrawing } from "./use-drawing.ts";

export function Draw() {
  const state = useCall("lightningdit.generators", {});
  return <Answer state={state}>{(list) => <Board list={list} />}</Answer>;
}

const commands = [
  "polymath lightningdit tokenizer train --out runs/mine/tokenizer",
  "polymath lightningdit latents extract runs/mine/tokenizer --out runs/mine/latents",
  "polymath lightningdit dit train --latents runs/mine/latents --tokenizer runs/mine/tokenizer --out runs/mine/generator",
];

function Board({ list: { generators, withoutTokenizer } }: { list: GeneratorList }) {
  const text = useText();
  const { drawing, isBusy, draw, halt } = useDrawing();
  const left = withoutTokenizer.length > 0 && (
    <p className="section-note">{text("lightningdit.withoutTokenizer", { names: withoutTokenizer.join(", ") })}</p>
  );
  if (generators.length === 0) {
    return (
      <>
        <Empty title={text("lightningdit.noGenerator")}>
          <p>{text("lightningdit.noGeneratorBody")}</p>
          {commands.map((line) => (
            <CommandLine key={line}>{line}</CommandLine>
          ))}
        </Empty>
        {left}
      </>
    );
  }
  const drawn = generators.find(({ id }) => id === drawing?.asked.generator);
  return (
    <>
      <DrawForm generators={generators} isBusy={isBusy} onDraw={draw} onHalt={halt} />
      {left}
      {drawing && drawn && <DrawingView drawing={drawing} isBusy={isBusy} generator={drawn} />}
    </>
  );
}
