.body
| if .access_token then {token: .access_token, expires_in: (.expires_in // 300)}
  else {refused: (.error_description // .error // "Amazon gave no token")} end
