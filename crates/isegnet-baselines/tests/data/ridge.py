"""Makes ridge.json: ridge regressions as scikit-learn fits them.

pip install scikit-learn==1.9.1 && python ridge.py
"""
import json

import numpy as np
import sklearn
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ALPHAS = [10.0**i for i in range(6)]


def case(name, seed, rows, features, noise):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(features, features))
    x = rng.normal(size=(rows, features)) @ mixing * rng.uniform(0.01, 50, features) + rng.normal(0, 20, features)
    x[:, 0] = 3.25  # a feature that does not vary
    x = np.round(x, 4)
    y = np.round(x @ rng.normal(size=features) / x.std() + noise * rng.normal(size=rows) + 5, 4)
    train = rows * 3 // 4
    search = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": ALPHAS}, cv=KFold(5))
    search.fit(x[:train], y[:train])
    return {
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        "train": train,
        "alpha": search.best_params_["ridge__alpha"],
        "mean_r2": search.cv_results_["mean_test_score"].tolist(),
        "predicted": search.predict(x[train:]).tolist(),
        "r2": search.score(x[train:], y[train:]),
    }


cases = [
    case("few features", 1, 83, 4, 1.0),
    case("as many features as rows", 2, 40, 30, 2.0),
    case("more features than rows", 3, 24, 30, 1.0),
]
with open("ridge.json", "w") as out:
    json.dump({"made_with": f"scikit-learn {sklearn.__version__}", "alphas": ALPHAS, "cases": cases}, out)
