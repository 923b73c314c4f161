// Template: the natural logarithm of a vector of positive normal numbers, good to an ulp (Cephes, Moshier 1989).
//
// x = 2^exponent (1 + f) with f from sqrt(1/2) - 1 to sqrt(2) - 1, and log (1 + f) = f - f^2 / 2 + f^3 p(f).
TARGET static inline __attribute__((always_inline)) vf NAME(logarithm)(vf x) {
  vi bits = (vi)x - 0x3f3504f3;
  vf exponent = __builtin_convertvector(bits >> 23, vf);
  vf f = (vf)((bits & 0x7fffff) + 0x3f3504f3) - 1.0f;
  vf p = f * 7.0376836292e-2f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  vf z = f * f;
  return exponent * 0.693359375f + (f + (p * f * z - exponent * 2.12194440e-4f - 0.5f * z));
}
