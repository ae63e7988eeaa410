"""How levels and evidences are weighed, and how the weights learn.

    score = α_c · z(lift_c) + α_d · z(lift_d) + α_i · z(w_I · φ̂)         φ̂ = (φ − mean) / deviation

An evidence that is silent is 0 for every item: that says nothing of its spread, and standardises nothing.

α = softmax(θ + δ_u) on the simplex, z and φ̂ are running standardisations. w_I = w + s · v, s being the situation:
whether a sitting begins, how experienced the user is, whether nothing is known of them, and how new they are; other
signs count then.
One step of softmax over the item engaged with and sampled ones moves w, v, θ, δ_u and the temperature τ (Adagrad). What
holds of newcomers alone is seen in few events of each person, and moves faster.
M_I = tanh(a · z(w_I · φ̂) + b_I) learns the event's intensity by squared error.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from penchant.interest.arrays import F32, F64, Arrays, Flags, compiled

LEVELS = ("category", "dimension", "intensity")
SITUATION = 4  # parts of a situation (see `penchant.interest.asker.Asker`)
PACE = np.array([1.0, 1.0, 4.0, 4.0])  # rates of the parts' weights, in η_I: the last two hold of newcomers alone


@compiled
def _softmax3(z: F64, out: F64, on: F64) -> None:  # pragma: no cover - compiled
    top = -np.inf
    for k in range(3):
        if on[k] > 0:
            top = max(top, z[k])
    total = 0.0
    for k in range(3):
        out[k] = np.exp(z[k] - top) if on[k] > 0 else 0.0
        total += out[k]
    for k in range(3):
        out[k] /= total


@compiled
def _standardise(values: F64, stats: F64, rate: float) -> None:  # pragma: no cover - compiled
    """Running mean and mean square: stats [weight, mean, mean square]."""
    mean, square = 0.0, 0.0
    for a in range(len(values)):
        mean += values[a]
        square += values[a] * values[a]
    mean /= len(values)
    square /= len(values)
    stats[0] = min(stats[0] + 1.0, 1.0 / rate)
    stats[1] += (mean - stats[1]) / stats[0]
    stats[2] += (square - stats[2]) / stats[0]


@compiled
def _deviation(stats: F64, spread: float) -> float:  # pragma: no cover - compiled
    # begins near what is expected and lets go of it quickly: one event alone says nothing of a spread
    doubt = 10.0 / (stats[0] + 10.0) * spread
    return np.sqrt(max(stats[2] - stats[1] * stats[1], 0.0) + doubt * doubt + 1e-4)


@compiled
def _slopes(
    w: F64, v: F64, situation: F64, alpha: F64, stats_phi: F64, spreads: F64, stats: F64
) -> F64:  # pragma: no cover - compiled
    whole = alpha[2] / _deviation(stats[2], 1.0)
    out = np.empty(len(w))
    for k in range(len(w)):
        weight = w[k]
        for s in range(len(situation)):
            weight += situation[s] * v[s, k]
        out[k] = whole * weight / _deviation(stats_phi[k], spreads[k])
    return out


@compiled
def _parts(
    phi: F64, lift_c: F64, lift_d: F64, alpha: F64, slopes: F64, stats_phi: F64, stats: F64
) -> tuple[F64, F64]:  # pragma: no cover - compiled
    evidences, n = phi.shape
    parts, score = np.empty((evidences + 3, n)), np.empty(n)
    base = 0.0
    for level in range(3):
        base -= alpha[level] * stats[level, 1] / _deviation(stats[level], 1.0)
    # lifts are shown from 0, where the user is as everybody; what centres them stands in the base
    per_c, per_d = alpha[0] / _deviation(stats[0], 1.0), alpha[1] / _deviation(stats[1], 1.0)
    for a in range(n):
        parts[0, a], parts[1, a] = per_c * lift_c[a], per_d * lift_d[a]
        score[a] = parts[0, a] + parts[1, a]
    for k in range(evidences):
        slope, mean = slopes[k], stats_phi[k, 1]
        for a in range(n):
            parts[2 + k, a] = slope * (phi[k, a] - mean)
            score[a] += parts[2 + k, a]
    for a in range(n):
        parts[evidences + 2, a] = base
        score[a] += base
    return score, parts


@compiled
def _learn(
    phi: F64, speaks: Flags, spreads: F64, lift_c: F64, lift_d: F64, strength: float, positives: int, situation: F64,
    pace: F64, w: F64, Gw: F64, v: F64, Gv: F64, theta: F64, Gt: F64, head: F64, Gh: F64, stats_phi: F64, stats: F64,
    delta: F32, on: F64, eta_w: float, eta_a: float, anchor: float, weights: bool, alphas: bool,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """phi [K, m] of candidates, the first `positives` of them engaged with (0: none, only M_I learns from row 0)."""
    K, m = phi.shape
    if weights:
        for k in range(K):
            if speaks[k]:
                _standardise(phi[k], stats_phi[k], 0.002)
        _standardise(lift_c, stats[0], 0.002)
        _standardise(lift_d, stats[1], 0.002)
    s = np.zeros(m)
    hat = np.empty((K, m))
    for k in range(K):
        mean, deviation, weight = stats_phi[k, 1], _deviation(stats_phi[k], spreads[k]), w[k]
        for a in range(len(situation)):
            weight += situation[a] * v[a, k]
        for j in range(m):
            hat[k, j] = (phi[k, j] - mean) / deviation
            s[j] += weight * hat[k, j]
    if weights:
        _standardise(s, stats[2], 0.002)
    z = np.empty((3, m))
    for level in range(3):
        mean, deviation = stats[level, 1], _deviation(stats[level], 1.0)
        source = lift_c if level == 0 else (lift_d if level == 1 else s)
        for j in range(m):
            z[level, j] = (source[j] - mean) / deviation
    # the intensity head: squared error of tanh(a z + b)
    predicted = np.tanh(head[1] * z[2, 0] + head[2])
    slope = (predicted - strength) * (1 - predicted * predicted)
    for k, g in ((1, slope * z[2, 0]), (2, slope)):
        Gh[k] += g * g
        head[k] -= eta_w * g / np.sqrt(Gh[k])
    if not weights or positives == 0:
        return
    alpha = np.empty(3)
    logits = np.empty(3)
    for level in range(3):
        logits[level] = theta[level] + delta[level]
    _softmax3(logits, alpha, on)
    tau = np.exp(head[0])
    score = np.empty(m)
    top = -np.inf
    for j in range(m):
        score[j] = alpha[0] * z[0, j] + alpha[1] * z[1, j] + alpha[2] * z[2, j]
        top = max(top, score[j])
    total = 0.0
    g = np.empty(m)
    for j in range(m):
        g[j] = np.exp(tau * (score[j] - top))
        total += g[j]
    slope_tau = 0.0
    slope_alpha = np.zeros(3)
    for j in range(m):
        g[j] = g[j] / total - (1.0 / positives if j < positives else 0.0)
        slope_tau += g[j] * score[j]
        for level in range(3):
            slope_alpha[level] += tau * g[j] * z[level, j]
    scale = tau * alpha[2] / _deviation(stats[2], 1.0)
    for k in range(K):
        slope_w = 0.0
        for j in range(m):
            slope_w += g[j] * hat[k, j]
        slope_w *= scale
        Gw[k] += slope_w * slope_w
        w[k] -= eta_w * slope_w / np.sqrt(Gw[k])
        for a in range(len(situation)):
            slope_v = situation[a] * slope_w
            Gv[a, k] += slope_v * slope_v
            v[a, k] -= pace[a] * eta_w * slope_v / np.sqrt(Gv[a, k])
    slope_tau *= tau
    Gh[0] += slope_tau * slope_tau
    head[0] = min(max(head[0] - eta_w * slope_tau / np.sqrt(Gh[0]), -1.0), 4.0)
    if alphas:
        mean = 0.0
        for level in range(3):
            mean += alpha[level] * slope_alpha[level]
        for level in range(3):
            if on[level] > 0:
                gt = alpha[level] * (slope_alpha[level] - mean)
                Gt[level] += gt * gt
                step = eta_a * gt / np.sqrt(Gt[level])
                theta[level] -= step
                delta[level] = np.float32((1 - anchor) * delta[level] - step)


class Blend:
    """Weights, standardisations and their learning.

    Attributes:
        w, v: [K] one weight an evidence, and [4, K] what each part of the situation adds to it.
        theta: [3] logits of α.
        head: [log τ, a, b_I].
        spreads: [K] deviations that the evidences are expected to have.
        stats_phi: [K, 3] and stats [3, 3]: (weight, mean, mean square) of each evidence, and of each level.
    """

    def __init__(
        self, starts: Sequence[float], spreads: Sequence[float], alpha: Sequence[float], off: Sequence[str],
        fixed: bool, temperature: float,
    ) -> None:  # fmt: skip
        self.w: F64 = np.array(starts, np.float64)
        self.Gw: F64 = np.full(len(starts), 1e-2)
        self.v: F64 = np.zeros((SITUATION, len(starts)))
        self.Gv: F64 = np.full((SITUATION, len(starts)), 1e-2)
        self.theta: F64 = np.log(np.array(alpha, np.float64))
        self.Gt: F64 = np.full(3, 1e-2)
        self.head: F64 = np.array([np.log(temperature), 1.0, 0.0])
        self.Gh: F64 = np.full(3, 1e-1)
        self.spreads: F64 = np.array(spreads, np.float64)
        self.stats_phi: F64 = np.zeros((len(starts), 3))
        self.stats_phi[:, 2] = self.spreads**2
        self.stats: F64 = np.tile(np.array([0.0, 0.0, 1.0]), (3, 1))
        self.on: F64 = np.array([level not in off for level in LEVELS], np.float64)
        self.fixed = fixed

    def alpha(self, delta: F64 | None = None) -> F64:
        """[3] α_c, α_d, α_i, with a user's correction δ_u if given."""
        out = np.empty(3)
        _softmax3(self.theta + (0 if delta is None else delta), out, self.on)
        return out

    def learn(
        self, phi: F64, speaks: Flags, lift_c: F64, lift_d: F64, strength: float, positives: int, situation: F64,
        delta: F32, eta_w: float, eta_a: float, anchor: float, *, weights: bool = True,
    ) -> None:  # fmt: skip
        """One step on candidates: phi [K, m], lifts [m]; the first `positives` were engaged with; situation [4].

        speaks [K]: which evidences are not silent.
        delta [3], the user's correction, is changed in place. With `weights` false only M_I learns.
        """
        _learn(
            phi, speaks, self.spreads, lift_c, lift_d, strength, positives, situation, PACE, self.w, self.Gw, self.v,
            self.Gv, self.theta, self.Gt, self.head, self.Gh, self.stats_phi, self.stats, delta, self.on, eta_w, eta_a,
            anchor, weights, not self.fixed,
        )  # fmt: skip

    def restart(self, k: int) -> None:
        """Evidence k's numbers are others from now on: its standardisation begins anew, its weight stays."""
        self.stats_phi[k] = (0.0, 0.0, self.spreads[k] ** 2)

    def parts(self, phi: F64, lift_c: F64, lift_d: F64, delta: F64, situation: F64) -> tuple[F64, F64]:
        """([n] scores, [2 + K + 1, n] parts): category, dimension, each evidence, base; parts sum to the score."""
        alpha = self.alpha(delta)
        slopes = _slopes(self.w, self.v, situation, alpha, self.stats_phi, self.spreads, self.stats)
        return _parts(phi, lift_c, lift_d, alpha, slopes, self.stats_phi, self.stats)

    def slopes(self, delta: F64, situation: F64) -> F64:
        """[K] how much the score grows with each evidence's number."""
        return _slopes(self.w, self.v, situation, self.alpha(delta), self.stats_phi, self.spreads, self.stats)

    def M_I(self, z: F64) -> F64:
        """Predicted intensity in [-1, 1] of z(w_I · φ̂) [n]."""
        return np.tanh(self.head[1] * z + self.head[2])

    def states(self) -> Arrays:
        """Arrays of the state."""
        return {
            "w": self.w, "Gw": self.Gw, "v": self.v, "Gv": self.Gv, "theta": self.theta, "Gt": self.Gt,
            "head": self.head, "Gh": self.Gh, "stats_phi": self.stats_phi, "stats": self.stats,
        }  # fmt: skip

    def load(self, states: Arrays) -> None:
        """Take over a saved state."""
        for name, array in states.items():
            setattr(self, name, array.copy())
