/** Places of the studio, in the order of the navigation. */
import type { TextKey } from "../i18n/en.ts";

export interface Place {
  path: string;
  label: TextKey;
}

export const places: readonly { heading: TextKey | null; places: readonly Place[] }[] = [
  {
    heading: null,
    places: [
      { path: "/runs", label: "nav.runs" },
      { path: "/claims", label: "nav.claims" },
      { path: "/ask", label: "nav.ask" },
    ],
  },
  {
    heading: "nav.systems",
    places: [
      { path: "/certaindex", label: "nav.certaindex" },
      { path: "/overthinking", label: "nav.overthinking" },
      { path: "/codeelo", label: "nav.codeelo" },
      { path: "/huatuogpt-o1", label: "nav.huatuo" },
      { path: "/lightningdit", label: "nav.lightningdit" },
    ],
  },
];
