// The pages of registered models.

import { begin } from "./app.js";
import { modelsView, modelView, versionView } from "./views/models.js";

begin({ modelsView, modelView, versionView });
