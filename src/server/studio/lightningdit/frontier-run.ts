/** What a run that measures the frontier left in its folder, also while it goes on. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { Arm, LatentHealth, Measurement } from "../../../systems/lightningdit/index.ts";
import type { FrontierPoint, FrontierView } from "./contract.ts";

/** @param dir the run's */
export async function readFrontier(dir: string): Promise<FrontierView> {
  const view: FrontierView = { points: [], unreadable: [] };
  for (const place of await placesIn(dir)) view.points.push(await readPoint(dir, place, view));
  view.points.sort((a, b) => a.seed - b.seed || a.d - b.d || Arm.options.indexOf(a.arm) - Arm.options.indexOf(b.arm));
  return view;
}

/** Points measured to the end, without reading them. */
export async function countPoints(dir: string): Promise<number> {
  return (await placesIn(dir)).filter(({ folder }) => existsSync(join(dir, folder, "measurement.json"))).length;
}

type Place = Pick<FrontierPoint, "folder" | "seed" | "d" | "arm">;

async function placesIn(dir: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const seedFolder of await namesIn(join(dir, "frontier"))) {
    const seed = /^seed-(\d+)$/.exec(seedFolder)?.[1];
    if (seed === undefined) continue;
    for (const name of await namesIn(join(dir, "frontier", seedFolder))) {
      const words = /^d(\d+)-([a-z]+)$/.exec(name);
      const arm = Arm.safeParse(words?.[2]);
      if (!words || !arm.success) continue;
      places.push({
        folder: `frontier/${seedFolder}/${name}`,
        seed: Number(seed),
        d: Number(words[1]),
        arm: arm.data,
      });
    }
  }
  return places;
}

async function readPoint(dir: string, place: Place, { unreadable }: FrontierView): Promise<FrontierPoint> {
  const { folder } = place;
  const names = new Set(await namesIn(join(dir, folder)));
  const read = async <S extends z.ZodType>(name: string, schema: S): Promise<z.output<S> | null> => {
    if (!names.has(name)) return null;
    try {
      return schema.parse(JSON.parse(await readFile(join(dir, folder, name), "utf8")));
    } catch {
      unreadable.push(`${folder}/${name}`);
      return null;
    }
  };
  const measurement = await read("measurement.json", Measurement);
  const samples = [...names].flatMap((name) => {
    const step = /^samples-(\d+)\.png$/.exec(name)?.[1];
    return step === undefined ? [] : [{ step: Number(step), file: `${folder}/${name}` }];
  });
  return {
    ...place,
    measurement,
    health: measurement?.health ?? (await read("health.json", LatentHealth)),
    reconstructions: names.has("reconstructions.png") ? `${folder}/reconstructions.png` : null,
    samples: samples.sort((a, b) => a.step - b.step),
  };
}

const namesIn = (dir: string): Promise<string[]> => readdir(dir).catch(() => []);
