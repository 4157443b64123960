"""A model that lives elsewhere: made first, finalized once it is there, then deleted."""

import mlflow
from mlflow import MlflowClient

mlflow.set_experiment("models elsewhere")
model = mlflow.initialize_logged_model(
    name="agent", model_type="agent", params={"temperature": "0.2"}, tags={"kind": "external"}
)
assert str(model.status) == "PENDING"
mlflow.set_active_model(model_id=model.model_id)
mlflow.clear_active_model()
ready = mlflow.finalize_logged_model(model.model_id, "READY")
assert str(ready.status) == "READY"
failed = mlflow.initialize_logged_model(name="broken")
mlflow.finalize_logged_model(failed.model_id, "FAILED")
outside = mlflow.create_external_model(name="outside", params={str(n): str(n) for n in range(150)})
assert len(mlflow.get_logged_model(outside.model_id).params) == 150
MlflowClient().delete_logged_model(failed.model_id)
names = {found.name for found in mlflow.search_logged_models(output_format="list")}
assert names == {"agent", "outside"}, names
