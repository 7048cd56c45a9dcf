/**
 * Diffusion transformers in files: the official checkpoints (.pt with `ema` and `model`, or safetensors of the same
 * names) and ours, which are safetensors that the official code loads, with the configuration in their metadata.
 */
import { fromTensor, SafeTensor, toTensor, writeSafetensors } from "../../../compute/safetensors/index.ts";
import type { Outside, Tensor } from "../../../compute/tensor.ts";
import { openStateDict, takeStrictly } from "../../../compute/torch/index.ts";
import { namedLeaves } from "../../../compute/tree.ts";
import { DataError } from "../../../core/errors.ts";
import { DitConfig, type DitParams, ditFrom, ditShapes, ditTables, ditTableValues } from "../../../diffusion/index.ts";
import { inferDitConfig } from "./infer-config.ts";

export interface DitFile {
  config: DitConfig;
  params: Outside<DitParams>;
  /** Free words of the writer: which latents it was trained on. */
  metadata: Readonly<Record<string, string>>;
}

export interface LoadDitOptions {
  /** Default: what the file's metadata or its tensors' shapes tell. */
  config?: DitConfig;
  /** "ema" by default, as official sampling does; "model" are the weights that training goes on with. */
  weights?: "ema" | "model";
}

/** Half precision in a file moves a table's cosines by less; another grid moves them by more. */
const tableTolerance = 0.01;

/** @throws DataError when a tensor is missing, too many or of another shape, or the fixed tables are those of another grid */
export async function loadDit(path: string, { config: given, weights = "ema" }: LoadDitOptions = {}): Promise<DitFile> {
  const keys = weights === "ema" ? ["ema", "model"] : ["model", "ema"];
  const { tensors, metadata, close } = await openStateDict(path, { keys });
  try {
    const config =
      given ??
      configIn(metadata) ??
      inferDitConfig(new Map([...tensors].map(([name, { shape }]) => [name, shape])), path);
    const tables = ditTables(config);
    const taken = takeStrictly(tensors, ditShapes(config), {
      file: path,
      model: `a LightningDiT of ${config.depth} blocks of width ${config.width}`,
      ignore: (name) => tables.has(name),
      hint:
        given &&
        "The configuration and the file are of different models; without a configuration the file tells its own.",
    });
    await checkTables(tensors, config, path);
    const loaded = new Map<string, Tensor>();
    for (const [name, tensor] of taken) loaded.set(name, await toTensor(tensor, name));
    return { config, params: ditFrom(config, (name) => loaded.get(name)!), metadata };
  } finally {
    await close();
  }
}

/** Writes a file that both this toolkit and the official code read. @param metadata besides the configuration */
export async function saveDit(
  file: string,
  {
    params,
    config,
    metadata = {},
  }: { params: Outside<DitParams>; config: DitConfig; metadata?: Record<string, string> },
): Promise<void> {
  const safe = new Map<string, SafeTensor>();
  for (const [name, { shape, values }] of ditTableValues(config)) safe.set(name, SafeTensor.from(values, shape));
  for (const [name, tensor] of namedLeaves<Tensor>(params)) safe.set(name, await fromTensor(tensor));
  await writeSafetensors(file, safe, { metadata: { format: "pt", dit_config: JSON.stringify(config), ...metadata } });
}

function configIn({ dit_config }: Readonly<Record<string, string>>): DitConfig | undefined {
  return dit_config === undefined ? undefined : DitConfig.parse(JSON.parse(dit_config));
}

async function checkTables(tensors: ReadonlyMap<string, SafeTensor>, config: DitConfig, file: string): Promise<void> {
  for (const [name, { shape, values }] of ditTableValues(config)) {
    const tensor = tensors.get(name);
    if (!tensor) continue; // constants: a file may leave them out
    const found = await tensor.toFloat32();
    const isSame =
      String(tensor.shape) === String(shape) &&
      found.every((value, i) => Math.abs(value - values[i]!) < tableTolerance);
    if (!isSame)
      throw new DataError(
        `${file}: ${name} [${tensor.shape.join(", ")}] is not the table of a grid of ${config.grid} with patches of ${config.patch}`,
        {
          hint: "The model was trained at another resolution or by another code.",
        },
      );
  }
}
