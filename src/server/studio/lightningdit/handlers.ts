/** The calls about LightningDiT. */
import { wordsOf } from "../../../core/command-line.ts";
import { UsageError } from "../../../core/errors.ts";
import type { Handlers } from "../contract.ts";
import { streamLines } from "../stream-lines.ts";
import type { FrontierRun, lightningditCalls } from "./contract.ts";
import { createDrawingBoard } from "./drawing.ts";
import { countPoints, readFrontier } from "./frontier-run.ts";
import { findGenerators, type Places } from "./generators.ts";

const maxRuns = 40;

export interface LightningDitHandlers {
  handlers: Handlers<keyof typeof lightningditCalls>;
  close(): Promise<void>;
}

export function createLightningDitHandlers(places: Places): LightningDitHandlers {
  const { index } = places;
  const board = createDrawingBoard();
  return {
    handlers: {
      async "lightningdit.generators"() {
        const { generators, withoutTokenizer } = await findGenerators(places);
        return { generators: generators.map(({ offer }) => offer), withoutTokenizer };
      },
      async "lightningdit.draw"({ generator: id, ...drawing }) {
        const { generators } = await findGenerators(places);
        const found = generators.find(({ offer }) => offer.id === id);
        if (!found) {
          throw new UsageError(`There is no generator "${id.slice(0, 100)}" whose tokenizer is here, too`, {
            hint: "Load the page again: its list is of an earlier moment.",
          });
        }
        const classCount = found.offer.classNames.length;
        if (drawing.label >= classCount) {
          throw new UsageError(`${id} has no class ${drawing.label}: they are 0 to ${classCount - 1}`);
        }
        return streamLines((signal) => board.draw(found, drawing, signal), "The drawing failed");
      },
      async "lightningdit.frontiers"() {
        const runs = (await index.all()).filter(
          ({ info }) =>
            info?.command === "lightningdit frontier" ||
            (info?.command === "claim" && info.args.flat()[0] === "lightningdit"),
        );
        return Promise.all(
          runs.slice(0, maxRuns).map(
            async ({ key, dir, info, status, started }): Promise<FrontierRun> => ({
              run: key,
              words: `${info!.command} ${wordsOf(info!)}`.trim(),
              status,
              started,
              pointCount: await countPoints(dir),
            }),
          ),
        );
      },
      "lightningdit.frontier": async ({ run }) => readFrontier((await index.find(run)).dir),
    },
    close: board.close,
  };
}
