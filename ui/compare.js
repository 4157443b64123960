// The page that compares runs.

import { begin } from "./app.js";
import { compareView } from "./views/compare.js";

begin({ compareView });
