.body
| if .id_token then {token: .id_token, expires_in: 82800}
  else {refused: (.detail // .title // "Asendia gave no token")} end
