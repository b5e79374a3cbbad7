.body
| if .access_token then {token: .access_token, expires_in: (.expires_in // 300 | tonumber)}
  else {refused: (.error_description // .error // "Hermes gave no token")} end
