"""From training to a champion: register, alias, load by alias and by version, copy, delete."""

import mlflow
from mlflow import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

mlflow.set_experiment("iris registry")
client = MlflowClient()
X, y = load_iris(return_X_y=True, as_frame=True)

for strength in (0.1, 10.0):
    with mlflow.start_run(run_name=f"C {strength}"):
        model = LogisticRegression(C=strength, max_iter=500).fit(X, y)
        mlflow.sklearn.log_model(
            model, name="model", input_example=X.head(2), registered_model_name="iris"
        )
        mlflow.log_metric("accuracy", model.score(X, y))

versions = client.search_model_versions("name = 'iris'")
assert sorted(int(version.version) for version in versions) == [1, 2]
client.set_registered_model_alias("iris", "champion", "2")
client.set_model_version_tag("iris", "2", "checked", "yes")
client.update_model_version("iris", "2", description="weakly regularised")

champion = mlflow.pyfunc.load_model("models:/iris@champion")
first = mlflow.sklearn.load_model("models:/iris/1")
assert first.C == 0.1
assert (champion.predict(X) == LogisticRegression(C=10.0, max_iter=500).fit(X, y).predict(X)).all()
assert client.get_model_version_by_alias("iris", "champion").version == "2"

copy = client.copy_model_version("models:/iris@champion", "iris production")
assert (copy.name, copy.version) == ("iris production", "1")
assert mlflow.sklearn.load_model("models:/iris production/1").C == 10.0

run_id = versions[0].run_id
third = mlflow.register_model(f"runs:/{run_id}/model", "iris")
assert third.version == "3"
client.delete_model_version("iris", "3")
client.delete_registered_model_alias("iris", "champion")
client.rename_registered_model("iris", "iris retired")
assert {model.name for model in client.search_registered_models()} >= {
    "iris retired",
    "iris production",
}
client.delete_registered_model("iris production")
print("registered", [model.name for model in client.search_registered_models("name LIKE 'iris%'")])
