// SPDX-License-Identifier: Apache-2.0
// The version of the library, for `#if` and for logs. Versions follow semver.org; before 1.0 a
// minor version may change the interface, and CHANGELOG.md says how.
#ifndef OTPCORE_BASE_VERSION_H_
#define OTPCORE_BASE_VERSION_H_

#define OTPCORE_VERSION_MAJOR 0
#define OTPCORE_VERSION_MINOR 1
#define OTPCORE_VERSION_PATCH 0
#define OTPCORE_VERSION_STRING "0.1.0"

#endif  // OTPCORE_BASE_VERSION_H_
