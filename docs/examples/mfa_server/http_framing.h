// SPDX-License-Identifier: Apache-2.0
// What Boost.Beast's parser accepts and this server refuses. A proxy in front of the server may
// read such a request differently, and a second request can hide in the difference (RFC 9112,
// section 11.2). Nothing here parses: each check looks at what Beast has parsed, or at the bytes
// that Beast consumed.
//
// Tried with Beast 1.74 (tests/wire/framing_cases.js has each as a case). Beast refuses bare LF
// and CR, NUL, a space before a colon, a field without a colon, chunk sizes such as `0x17`, `+17`,
// ` 17` and `17zzz`, chunk data without its CRLF, two different lengths, and a length beside
// "chunked". It accepts:
//   - a folded line, which it joins;
//   - "Content-Length: 2, 2", and the same length twice;
//   - any Transfer-Encoding: what does not end in "chunked" means "no body" to it, and
//     "gzip, chunked" is read as if it were plain;
//   - Transfer-Encoding in HTTP/1.0;
//   - control characters in a quoted chunk extension;
//   - trailers, which it merges into the header;
//   - a missing Host, and two of them.
// Beast aborts by assertion on an empty chunked body that arrives in pieces: give it nothing of a
// chunked body until kChunkBytesMin bytes are there. No valid one ends earlier.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_HTTP_FRAMING_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_HTTP_FRAMING_H_

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <cstddef>
#include <string_view>

namespace mfa_server {

using RequestHeader = boost::beast::http::request_header<>;

inline constexpr size_t kChunkBytesMin = 5;  // "0" CRLF CRLF

// Null when every recipient reads the header alike; else one static sentence for the client, and
// the connection must be closed. `raw` is the header's bytes from the request line to the empty
// line. Refuses a body of GET and HEAD too: it has no meaning, and some recipients skip it.
const char* HeaderFault(const RequestHeader& header, std::string_view raw);

// A chunk extension, from its semicolon on, without control characters and not too long.
bool IsPlainChunkExtension(std::string_view extension);

// `last_chunk` is what Beast consumed last of a chunked body: the zero-sized chunk and the trailer
// section, perhaps after the CRLF of the chunk before it.
bool HasTrailer(std::string_view last_chunk);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_HTTP_FRAMING_H_
