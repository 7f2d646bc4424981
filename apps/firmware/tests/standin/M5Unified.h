/* Stand-in: what the shell takes of M5Unified and M5GFX, as a screen in memory whose every change
 * is told on standard output. Rectangles and single pixels are painted as M5GFX does, round corners
 * are square here, triangles and texts are told and not painted.
 */
#ifndef STANDIN_M5UNIFIED_H
#define STANDIN_M5UNIFIED_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lgfx {

struct IFont {
    const char *name;
};

struct touch_point_t {
    int16_t x = -1, y = -1;
    uint16_t size = 0, id = 0;
};

enum textdatum_t { baseline_left = 16, baseline_center = 17 };

} /* namespace lgfx */

namespace fonts {
extern const lgfx::IFont DejaVu9, Font2, FreeSans9pt7b, DejaVu18, DejaVu24, DejaVu40;
}

class Surface {
  public:
    void setClipRect(int32_t x, int32_t y, int32_t w, int32_t h);
    void clearClipRect();
    void drawPixel(int32_t x, int32_t y, uint32_t colour);
    uint32_t readPixel(int32_t x, int32_t y) const;

    int32_t width = 0, height = 0;

  protected:
    struct {
        int32_t x, y, w, h;
    } clip = {0, 0, 0, 0};
    std::vector<uint32_t> pixels;
};

class M5Canvas;

/* A panel of 320x240 pixels that is touched as the script says. */
class M5GFX : public Surface {
  public:
    void begin();
    void setBrightness(uint8_t brightness);
    uint8_t getBrightness() const;
    void sleep();
    void wakeup();
    uint_fast8_t getTouch(lgfx::touch_point_t *points, uint_fast8_t count);
    void take(int32_t x, int32_t y, const M5Canvas &source);

    unsigned fingers = 0;
    int32_t unseen = 0,
            most_unseen = 0; /* pixels that were pushed since a look at the touch panel */
    lgfx::touch_point_t finger;

  private:
    uint8_t brightness = 0;
};

class M5Canvas : public Surface {
  public:
    explicit M5Canvas(M5GFX *parent);
    void setBuffer(void *buffer, int32_t w, int32_t h, uint8_t bits);
    void pushSprite(int32_t x, int32_t y);
    void fillRect(int32_t x, int32_t y, int32_t w, int32_t h, uint32_t colour);
    void fillSmoothRoundRect(int32_t x, int32_t y, int32_t w, int32_t h, int32_t radius,
                             uint32_t colour);
    void fillTriangle(int32_t x0, int32_t y0, int32_t x1, int32_t y1, int32_t x2, int32_t y2,
                      uint32_t colour);
    void fillRectAlpha(int32_t x, int32_t y, int32_t w, int32_t h, uint8_t alpha, uint32_t colour);
    void setFont(const lgfx::IFont *font);
    void setTextColor(uint32_t colour);
    void setTextDatum(lgfx::textdatum_t datum);
    size_t drawString(const char *string, int32_t x, int32_t y);

  private:
    M5GFX *parent;
};

namespace m5 {

struct Speaker_Class {
    bool tone(float frequency, uint32_t ms);
};

struct Power_Class {
    enum pmic_t { pmic_unknown, pmic_adc, pmic_axp192 };

    pmic_t getType() const;
    void setVibration(uint8_t level);
    int32_t getBatteryLevel();
    int16_t getBatteryVoltage();
    void setExtOutput(bool enable);
    bool getExtOutput();
};

struct M5Unified {
    struct config_t {
        bool internal_imu = true, internal_rtc = true, internal_mic = true;
        uint16_t external_display_value = 0xFFFF;
    };
    config_t config();
    void begin(config_t config);

    M5GFX Display;
    Speaker_Class Speaker;
    Power_Class Power;
};

} /* namespace m5 */

extern m5::M5Unified M5;

#endif
