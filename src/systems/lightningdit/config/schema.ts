/**
 * The YAML configuration of the official LightningDiT code, all its keys, taken as it is.
 * Source: hustvl/LightningDiT, configs/config_details.yaml and what train.py and inference.py read besides.
 * A key that is unknown is refused: a misspelt one would silently train something else.
 */
import { z } from "zod";
import { ditSizes } from "../../../diffusion/index.ts";

const modelType = new RegExp(`^LightningDiT-(${Object.keys(ditSizes).join("|")})/(\\d+)$`);
const text = z.string();
const share = z.number().min(0).max(1);

export type LightningDitConfig = z.output<typeof LightningDitConfig>;
export const LightningDitConfig = z.strictObject({
  ckpt_path: text.nullish().describe("checkpoint that samples are drawn from"),
  data: z.strictObject({
    data_path: text.describe("folder of latent shards"),
    valid_path: text.nullish().describe("folder of latent shards to validate on"),
    fid_reference_file: text.nullish(),
    image_size: z.int().positive(),
    num_classes: z.int().positive(),
    num_workers: z.int().nonnegative().optional().describe("ignored: reading does not hold up training here"),
    // The official defaults are those of SD-VAE: no normalisation, and its multiplier.
    latent_norm: z.boolean().default(false),
    latent_multiplier: z.number().positive().default(0.18215),
  }),
  vae: z.strictObject({
    model_name: text.nullish().describe("the tokenizer: a folder of ours, or a name of the official code"),
    downsample_ratio: z.int().positive().default(16),
  }),
  model: z.strictObject({
    model_type: text
      .regex(modelType, `expected LightningDiT-SIZE/PATCH with SIZE one of ${Object.keys(ditSizes).join(", ")}`)
      .describe("LightningDiT-XL/1"),
    use_qknorm: z.boolean().default(false),
    use_swiglu: z.boolean().default(false),
    use_rope: z.boolean().default(false),
    use_rmsnorm: z.boolean().default(false),
    wo_shift: z.boolean().default(false),
    in_chans: z.int().positive().default(4),
    learn_sigma: z.literal(false).optional(),
    use_checkpoint: z.boolean().optional().describe("ignored: saves memory on GPUs"),
  }),
  train: z.strictObject({
    max_steps: z.int().positive(),
    global_batch_size: z.int().positive(),
    global_seed: z.int().nonnegative().default(0),
    output_dir: text.default("output"),
    exp_name: text.nullish(),
    ckpt: text.nullish().describe("ignored, as by the official code"),
    log_every: z.int().positive().default(100),
    ckpt_every: z.int().positive().default(20_000),
    resume: z.boolean().optional().describe("ignored: a run that was stopped is gone on with by itself"),
    weight_init: text.nullish().describe("checkpoint whose weights training begins with"),
    use_checkpoint: z.boolean().optional().describe("ignored: saves memory on GPUs"),
  }),
  optimizer: z.strictObject({
    lr: z.number().positive(),
    beta2: z.number().min(0).lt(1),
    max_grad_norm: z.number().positive().nullish(),
  }),
  // Paths, predictions and weights that SiT's code knows besides are not LightningDiT.
  transport: z.strictObject({
    path_type: z.literal("Linear"),
    prediction: z.literal("velocity"),
    loss_weight: z.null().optional(),
    sample_eps: z.number().min(0).max(0).nullish(),
    train_eps: z.number().min(0).max(0).nullish(),
    use_cosine_loss: z.boolean().default(false),
    use_lognorm: z.boolean().default(false),
    uniform_from: z.int().nonnegative().optional().describe("ours: step from which times are uniform"),
  }),
  sample: z.strictObject({
    mode: z.literal("ODE"),
    sampling_method: z.enum(["euler", "heun", "dopri5"]),
    atol: z.number().positive().default(1e-6),
    rtol: z.number().positive().default(1e-3),
    reverse: z.literal(false).optional(),
    likelihood: z.literal(false).optional(),
    num_sampling_steps: z.int().min(2),
    cfg_scale: z.number().min(0),
    per_proc_batch_size: z.int().positive().default(4),
    fid_num: z.int().positive().default(50_000),
    cfg_interval_start: share.default(0),
    timestep_shift: z.number().min(0).default(0),
    cfg_channels: z
      .union([z.literal(3), z.literal("all")])
      .optional()
      .describe("ours: 3, as the published figures, or all"),
  }),
});
