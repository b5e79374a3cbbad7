.body
| if .accessToken then {token: .accessToken, expires_in: (.expiresIn // 300)}
  else {refused: (.message // "HayPost gave no token")} end
