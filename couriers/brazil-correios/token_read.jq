# Good for a day; bought again every hour.
.body
| if .token then {token: .token, expires_in: 3600}
  else {refused: ((.msgs // [])[0] // .causa // "the Correios gave no token")} end
