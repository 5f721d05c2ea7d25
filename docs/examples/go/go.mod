module otpcore.example

go 1.19
