import { existsSync } from "node:fs";
import { readJson } from "../../../core/json.ts";
import { type FeatureNet, OnnxNetOptions, openOnnxNet } from "../../../vision/index.ts";
import { loadNet } from "./net.ts";

/**
 * Opens the net that a command was given.
 * @param place a folder of `lightningdit features`, or an ONNX file; beside the latter, FILE.json may hold its settings
 */
export async function openFeatureNet(place: string): Promise<FeatureNet> {
  if (!place.endsWith(".onnx")) return loadNet(place);
  const settings = `${place}.json`;
  return openOnnxNet(place, existsSync(settings) ? await readJson(settings, OnnxNetOptions) : {});
}
