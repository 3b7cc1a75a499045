"""Makes imr90.json: baselines of scikit-learn on data/imr90-tabular, five folds.

pip install scikit-learn==1.9.1 && python imr90.py DATA/imr90-tabular

Rows are cut into five stretches in their order; features are standardised on training
rows. `small` is every eighth row. Seconds are of fitting and predicting one fold, the
median of five.
"""
import json
import sys
import time

import numpy as np
import sklearn
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR, NuSVR

X = np.load(f"{sys.argv[1]}/RNAseq.E017.Roadmap.npy")
Y = np.load(f"{sys.argv[1]}/RNAseq.E017.y.npy")


def search(model, name, alphas):
    pipe = make_pipeline(StandardScaler(), model)
    return GridSearchCV(pipe, {f"{name}__alpha": alphas}, cv=KFold(5), scoring="r2", n_jobs=2)


MODELS = {
    "mean": lambda: DummyRegressor(),
    "ridge": lambda: search(Ridge(), "ridge", [10.0**i for i in range(6)]),
    "lasso": lambda: search(Lasso(tol=1e-6, max_iter=10_000), "lasso", [1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]),
    "forest 100": lambda: RandomForestRegressor(100, n_jobs=2, random_state=1),
    "forest 200": lambda: RandomForestRegressor(200, n_jobs=2, random_state=1),
    "SVR RBF": lambda: SVR(),
    "nu-SVR RBF": lambda: NuSVR(),
    "SVR linear": lambda: SVR(kernel="linear"),
}

made = {"sklearn": sklearn.__version__}
for part, step in [("small", 8), ("whole", 1)]:
    x, y = X[::step], Y[::step]
    made[part] = {"step": step}
    for name, model in MODELS.items():
        if part == "whole" and name == "SVR linear":
            continue  # Millions of steps a fold.
        r2, seconds = [], []
        for train, test in KFold(5).split(x):
            scale = StandardScaler().fit(x[train])
            start = time.perf_counter()
            fitted = model().fit(scale.transform(x[train]), y[train])
            predicted = fitted.predict(scale.transform(x[test]))
            seconds.append(time.perf_counter() - start)
            r2.append(r2_score(y[test], predicted))
        made[part][name] = {"r2": [round(v, 8) for v in r2], "seconds": round(float(np.median(seconds)), 3)}
        print(part, name, made[part][name], flush=True)
        json.dump(made, open("imr90.json", "w"), indent=1)
