// The views that the first page does not need: charts and everything that draws them. Loaded when first asked for.

import { compareView } from "./views/compare.js";
import { dashboardView } from "./views/dashboard.js";
import { modelsView, modelView, versionView } from "./views/models.js";
import { runView } from "./views/run.js";

export { compareView, dashboardView, modelsView, modelView, runView, versionView };
