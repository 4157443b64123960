// The pages of charts: the dashboard, and a run, which shows one of its children.

import { begin } from "./app.js";
import { dashboardView } from "./views/dashboard.js";
import { runView } from "./views/run.js";

begin({ dashboardView, runView });
