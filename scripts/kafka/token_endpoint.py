"""A token endpoint of an OIDC provider, over HTTPS, for tests: signs what it is asked for.

  token_endpoint.py FOLDER    prints its port; FOLDER has server.pem, issuer.key and gets jwks.json

It knows the client `me` with the secret `client-secret`, and takes any assertion of a bearer. Tokens
live for a minute.
"""

import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import sys
import time
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])
KEY = FOLDER / "issuer.key"
EXPECTED = "Basic " + base64.b64encode(b"me:client-secret").decode()


def url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments: str, data: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *arguments], input=data, stdout=subprocess.PIPE, check=True
    ).stdout


def write_keys() -> None:
    """The public key as brokers read it."""
    modulus = openssl("rsa", "-in", str(KEY), "-noout", "-modulus").decode()
    number = bytes.fromhex(modulus.strip().split("=")[1])
    key = {"kty": "RSA", "kid": "k", "use": "sig", "alg": "RS256", "e": "AQAB",
           "n": url_safe(number)}
    (FOLDER / "jwks.json").write_text(json.dumps({"keys": [key]}))


def token() -> str:
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": "k"}
    claims = {"sub": "me", "aud": "kafka", "iss": "test", "iat": now, "exp": now + 60}
    parts = [url_safe(json.dumps(part).encode()) for part in (header, claims)]
    unsigned = ".".join(parts)
    signature = openssl("dgst", "-sha256", "-sign", str(KEY), data=unsigned.encode())
    return unsigned + "." + url_safe(signature)


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        size = int(self.headers.get("Content-Length", "0"))
        form = urllib.parse.parse_qs(self.rfile.read(size).decode())
        grant = form.get("grant_type", [""])[0]
        is_known = self.headers.get("Authorization") == EXPECTED or (
            grant.endswith(":jwt-bearer") and form.get("assertion", [""])[0].count(".") == 2
        )
        answer = {"access_token": token()} if is_known else {"error": "invalid_client"}
        body = json.dumps(answer).encode()
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


write_keys()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(FOLDER / "server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
