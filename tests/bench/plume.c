/* The Gaussian plume of edge/dispersion/passive/plume/briggs_jit.py, term by term: the baseline of the
 * dispersion bench. Built by it: cc -O3 -shared -fPIC plume.c -lm.
 * source: rate, x, y, height, size; wind: speed, sine, cosine, vane; c: Briggs' row. */
#include <math.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

static const double NEAREST_M = 1e-3;

static double point(double x, double y, double z, double h, double size, double u, double vane,
                    const double *c)
{
    double swung = vane * x / (1 + 0.9 * sqrt(x / (1000 * u)));
    double sy = c[0] * x / sqrt(1 + c[1] * x);
    double sz = c[2] * x;
    if (swung > sy)
        sy = swung;
    if (c[4] == -0.5)
        sz /= sqrt(1 + c[3] * x);
    else if (c[4] == -1.0)
        sz /= 1 + c[3] * x;
    else if (c[4] != 0.0)
        sz *= pow(1 + c[3] * x, c[4]);
    sy = sqrt(sy * sy + size * size);
    sz = sqrt(sz * sz + size * size);
    double across = exp(-0.5 * (y / sy) * (y / sy));
    double direct = exp(-0.5 * ((z - h) / sz) * ((z - h) / sz));
    double mirrored = exp(-0.5 * ((z + h) / sz) * ((z + h) / sz));
    return 1.0 / (2 * M_PI * u * sy * sz) * across * (direct + mirrored);
}

void plume_field(const double *source, const double *wind, const double *c, const double *x_m,
                 const double *y_m, double z, long n, double *out)
{
    for (long i = 0; i < n; i++) {
        double dx = x_m[i] - source[1], dy = y_m[i] - source[2];
        double down = -(dx * wind[1] + dy * wind[2]);
        double cross = dy * wind[1] - dx * wind[2];
        out[i] = down > NEAREST_M
                     ? source[0] * point(down, cross, z, source[3], source[4], wind[0], wind[3], c)
                     : 0.0;
    }
}
