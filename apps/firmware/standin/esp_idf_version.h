/* Stand-in: see Arduino.h. Of Arduino core 2, or with -DSTANDIN_IDF=5 of core 3. */
#ifndef STANDIN_ESP_IDF_VERSION_H
#define STANDIN_ESP_IDF_VERSION_H

#ifndef STANDIN_IDF
#define STANDIN_IDF 4
#endif

#define ESP_IDF_VERSION_MAJOR STANDIN_IDF

#endif
