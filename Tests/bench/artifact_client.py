"""Sends or fetches a directory with MLflow's own client and prints the seconds that took.

Runs under the Python that has mlflow: artifact_client.py up|down SERVER_URI RUN_ID DIRECTORY
"""

import sys
import time

from mlflow.artifacts import download_artifacts
from mlflow.tracking import MlflowClient

direction, uri, run, directory = sys.argv[1:]
client = MlflowClient(uri)
# The first request of a client asks for more than the artifacts.
client.list_artifacts(run)
began = time.monotonic()
if direction == "up":
    client.log_artifacts(run, directory, "files")
else:
    download_artifacts(run_id=run, artifact_path="files", dst_path=directory, tracking_uri=uri)
print(time.monotonic() - began)
