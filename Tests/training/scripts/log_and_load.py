"""Logs a model with params, tags and metrics on two datasets; finds and loads it again."""

import mlflow
import numpy
from mlflow.models import infer_signature
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

mlflow.set_experiment("diabetes ridge")
X, y = load_diabetes(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
train = mlflow.data.from_pandas(X_train.assign(target=y_train), targets="target", name="train")
test = mlflow.data.from_pandas(X_test.assign(target=y_test), targets="target", name="test")

for alpha in (0.1, 1.0, 10.0):
    with mlflow.start_run(run_name=f"alpha {alpha}"):
        mlflow.log_input(train, context="training")
        mlflow.log_input(test, context="testing")
        model = Ridge(alpha=alpha).fit(X_train, y_train)
        info = mlflow.sklearn.log_model(
            model,
            name="ridge",
            params={"alpha": alpha},
            tags={"team": "health"},
            model_type="regressor",
            signature=infer_signature(X_train, model.predict(X_train)),
            input_example=X_train.head(2),
        )
        score = model.score(X_train, y_train)
        mlflow.log_metric("r2", score, model_id=info.model_id, dataset=train)
        score = model.score(X_test, y_test)
        mlflow.log_metrics({"r2": score, "alpha": alpha}, model_id=info.model_id, dataset=test)

best = mlflow.search_logged_models(
    filter_string="params.alpha != '99' AND tags.team = 'health' AND metrics.alpha > 0.5",
    datasets=[{"dataset_name": "test", "dataset_digest": test.digest}],
    order_by=[{"field_name": "metrics.alpha", "ascending": False}],
    output_format="list",
)
print("found", [found.params["alpha"] for found in best])
loaded = mlflow.pyfunc.load_model(f"models:/{best[0].model_id}")
assert numpy.allclose(
    loaded.predict(X_test), Ridge(alpha=10.0).fit(X_train, y_train).predict(X_test)
)
by_run = mlflow.sklearn.load_model(f"runs:/{best[0].source_run_id}/ridge")
assert by_run.alpha == 10.0

mlflow.set_logged_model_tags(best[0].model_id, {"chosen": "yes", "team": "care"})
mlflow.delete_logged_model_tag(best[0].model_id, "team")
mlflow.log_model_params({"note": "largest alpha"}, model_id=best[0].model_id)
worst = mlflow.last_logged_model()
print("last", worst.params["alpha"], worst.status)
