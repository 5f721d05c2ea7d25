// SPDX-License-Identifier: Apache-2.0
// OTPCORE_EXPORT marks what the library shows when it is built shared with hidden visibility.
#ifndef OTPCORE_BASE_EXPORT_H_
#define OTPCORE_BASE_EXPORT_H_

#if defined(OTPCORE_SHARED) && defined(_WIN32)
#ifdef OTPCORE_BUILDS  // the library itself
#define OTPCORE_EXPORT __declspec(dllexport)
#else
#define OTPCORE_EXPORT __declspec(dllimport)
#endif
#elif defined(OTPCORE_SHARED) && (defined(__GNUC__) || defined(__clang__))
#define OTPCORE_EXPORT __attribute__((visibility("default")))
#else
#define OTPCORE_EXPORT
#endif

#endif  // OTPCORE_BASE_EXPORT_H_
