/** `/v1/models` in OpenAI's shape. */
import type { ModelTable, ServedModel } from "../model-table.ts";

export function listModels({ all }: ModelTable) {
  return { object: "list", data: all.map(describe) };
}

/** @throws ApiError 404 for a name this server does not have */
export function showModel(models: ModelTable, name: string) {
  return describe(models.find(name));
}

function describe({ id, created }: ServedModel) {
  return { id, object: "model", created, owned_by: "polymath" };
}
