print("lipcert")
