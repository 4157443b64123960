// The pages that most people open first: the experiments, and the runs of one.

import { begin } from "./app.js";
import { experimentsView } from "./views/experiments.js";
import { runsView } from "./views/runs.js";

begin({ experimentsView, runsView });
